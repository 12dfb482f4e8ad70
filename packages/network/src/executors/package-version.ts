/** `name@version` of an installed package. */
export function packageVersion(require: NodeJS.Require, name: string): string {
  const { version } = require(`${name}/package.json`) as { readonly version: string };
  return `${name}@${version}`;
}
