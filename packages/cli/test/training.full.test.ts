import { trainsOnAfterKills } from "./training.js";

trainsOnAfterKills(5);
