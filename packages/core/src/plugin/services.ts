/** A service that the run's container can resolve: a symbol that carries its type. */
export type Token<T> = symbol & { readonly __service?: T };

export const token = <T>(description: string): Token<T> => Symbol.for(`assay.${description}`);

export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/** Plain lines for people; the command line decides where they go. */
export const LOGGER: Token<Logger> = token<Logger>("logger");

/** A folder that outlives runs, for what a plugin unpacks or downloads. */
export const CACHE_FOLDER: Token<string> = token<string>("cache-folder");
