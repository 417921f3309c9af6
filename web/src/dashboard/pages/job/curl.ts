import type { JobView } from "../../api/views.js";

/** The command that submits such a job again, from a shell of Unix; the token is the caller's own. */
export function curlOf(
  { type, projectId, params }: Pick<JobView, "type" | "projectId" | "params">,
  url: string,
): string {
  return [
    `curl --fail-with-body -X POST ${quoted(url)}`,
    '-H "Authorization: Bearer $TOKEN"',
    "-H 'Content-Type: application/json'",
    `--data ${quoted(JSON.stringify({ type, projectId, params: params ?? {} }))}`,
  ].join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
