import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { me } from "../api/queries.js";
import { EmptyNote } from "./notes.js";

/** For a person without a project: whom to ask, and for what. */
export function NoProjectsNote() {
  const { isAdmin } = useSuspenseQuery(me).data;
  if (isAdmin) {
    return (
      <EmptyNote title="No project has had a job yet.">
        <p>
          A project comes to be with its first job. <Link href="/new">Submit a job</Link>
        </p>
      </EmptyNote>
    );
  }
  return (
    <EmptyNote title="You are in no project yet.">
      <p>
        Ask an admin to put you into the group <code>PROJECT:writer</code>, such as <code>demo:writer</code>, or{" "}
        <code>PROJECT:reader</code> to only look. Then sign out, and in again.
      </p>
    </EmptyNote>
  );
}
