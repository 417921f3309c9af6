import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { connect } from "./api/request.js";
import { App } from "./app.js";
import { reachability } from "./live/reachability.js";
import { session } from "./session/use-session.js";
import "./style/index.css";

connect({
  token: () => session.token(),
  refused: () => session.end("ended"),
  answered: (isAnswered) => reachability.set(isAnswered),
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
