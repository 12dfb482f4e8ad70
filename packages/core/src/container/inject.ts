import "reflect-metadata";

// Parameters are always named by token: emitted metadata differs between compilers and is never relied on.
export { inject, injectable } from "tsyringe";
