import { resumesAfterKills } from "./resume.js";

resumesAfterKills(10);
