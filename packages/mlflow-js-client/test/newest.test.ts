import { worksOn } from "./on-a-server.js";

await worksOn("the newest MLflow", {}, true);
