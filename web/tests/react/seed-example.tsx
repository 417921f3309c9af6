// The seed's two examples as they stand there, but for the names of the packages, and `formData` as an argument.
import { useState } from "react";

import { checkJobStatus } from "../../src/client/index.js";
import { useJobPolling } from "../../src/client/react.js";

export function MyComponent({ formData }: { formData: FormData }) {
  const [jobId, setJobId] = useState<string | null>(null);

  const jobStatus = useJobPolling({
    jobId,
    interval: 60000, // Poll every 1 minute
    onCompleted: (result) => {
      console.log("Job completed!", result);
      // Navigate to results or update UI
    },
    onFailed: (error) => {
      console.error("Job failed!", error);
      // Show error message
    },
  });

  // Start a job
  const startJob = async () => {
    const response = await fetch("/api/v1/analysis/analyze-file", {
      method: "POST",
      body: formData,
    });
    const data = await response.json();

    if (data.success && data.jobId) {
      setJobId(data.jobId); // This triggers polling
    }
  };

  return (
    <div>
      <button onClick={startJob}>Start Analysis</button>
      {jobStatus.status === "processing" && <p>Processing... {jobStatus.progress}%</p>}
    </div>
  );
}

export async function serverAction() {
  // In a server component or server action
  const status = await checkJobStatus("job_123...");

  if (status.status === "completed") {
    console.log("Results:", status);
  }
}
