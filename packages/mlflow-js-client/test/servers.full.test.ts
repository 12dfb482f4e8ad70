import { LAST_2 } from "../../../scripts/mlflow-server.mjs";
import { worksOn } from "./on-a-server.js";

await worksOn("the last MLflow 2", { version: LAST_2 }, false);
await worksOn("MLflow with basic authentication", { auth: "correct horse battery" }, true);
await worksOn("MLflow behind a path prefix", { prefix: "/team/mlflow" }, true);
await worksOn("MLflow that leaves artifacts to a folder of this machine", { ownFolder: true }, true);
