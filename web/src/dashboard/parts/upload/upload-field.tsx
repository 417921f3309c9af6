import { JobmillError } from "../../../client/errors.js";
import { Button } from "../button.js";
import { FileDrop } from "../file-drop.js";
import { ProblemNote } from "../notes.js";
import { fileSize } from "../numbers.js";
import { ProgressBar } from "../progress-bar.js";
import type { Uploader } from "./use-upload.js";

interface Props {
  readonly label: string;
  readonly hint: string;
  readonly file: File | null;
  readonly onFile: (file: File | null) => void;
  readonly uploader: Uploader;
  readonly error: string | null;
  readonly isOptional?: boolean;
}

/** The file that is chosen, and how far it is sent. */
export function UploadField({ uploader, onFile, ...rest }: Props) {
  const { state } = uploader;
  function choose(file: File | null) {
    uploader.forget();
    onFile(file);
  }
  return (
    <div className="upload">
      <FileDrop {...rest} onFile={choose} isDisabled={state.phase === "sending"} />
      {state.phase === "sending" && (
        <div className="upload-progress">
          <ProgressBar percent={percent(state.sentBytes, state.totalBytes)} label="Upload" />
          <span className="quiet">
            {fileSize(state.sentBytes)} of {fileSize(state.totalBytes)} sent
          </span>
          <Button onClick={uploader.cancel}>Cancel upload</Button>
        </div>
      )}
      <p className="quiet" role="status">
        {state.phase === "done" && "The file is uploaded."}
        {isCancelled(state) && "The upload was cancelled. The file is still chosen."}
      </p>
      {state.phase === "failed" && !isCancelled(state) && <ProblemNote error={state.error} />}
    </div>
  );
}

function isCancelled(state: Uploader["state"]): boolean {
  return state.phase === "failed" && state.error instanceof JobmillError && state.error.code === "upload-cancelled";
}

/** Only what is wholly sent is 100. */
function percent(sent: number, total: number): number {
  return total === 0 ? 0 : Math.floor((100 * sent) / total);
}
