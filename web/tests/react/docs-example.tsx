import { useState } from "react";
import { analyzeFile } from "jobmill-client";
import { useJobPolling } from "jobmill-client/react";

export function Analysis({ file }: { file: File }) {
  const [jobId, setJobId] = useState<string | null>(null);

  const job = useJobPolling({
    jobId,
    interval: 60000, // each minute; without it, too
    onCompleted: (result) => console.log("Job completed!", result.summary),
    onFailed: (error) => console.error("Job failed!", error.message),
  });

  const start = async () => setJobId((await analyzeFile(file, { filterOption: "all" })).jobId);

  return (
    <div>
      <button onClick={start}>Start Analysis</button>
      {job.status === "processing" && <p>Processing... {job.progress}%</p>}
      {job.status === "processing" && job.trouble && <p>No answer ({job.trouble.detail}) We go on trying.</p>}
      {job.status === "failed" && <p>{job.error.message}</p>}
      {job.status === "completed" && <p>{job.result.dataSource}</p>}
    </div>
  );
}
