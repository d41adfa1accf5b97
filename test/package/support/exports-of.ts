import { join } from 'node:path';
import ts from 'typescript';

export const subpaths = ['.', './workflows', './activities', './workers', './client', './testing'] as const;

/** What a name stands for: a line for most, a line for each member of an interface. */
export type Signature = string | Readonly<Record<string, string>>;

/**
 * What the type declarations of an installed package export: by subpath the names, each with its signature, so that
 * a change of what callers may write shows in a review.
 */
export function exportsOf(
  packageFolder: string,
  exported: Record<string, { types: string }>,
): Record<string, Record<string, Signature>> {
  const files = subpaths.map((subpath) => join(packageFolder, exported[subpath]!.types));
  const program = ts.createProgram(files, {
    strict: true,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    skipLibCheck: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const first = new Map<ts.Symbol, string>();
  return Object.fromEntries(
    subpaths.map((subpath, i) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(files[i]!)!)!;
      const signatures = checker.getExportsOfModule(module).map((exported): [string, Signature] => {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
        const before = first.get(symbol);
        if (before === undefined) first.set(symbol, subpath);
        return [exported.name, before === undefined ? signatureOf(symbol, checker) : `as in "${before}"`];
      });
      return [subpath, Object.fromEntries(signatures.sort(([a], [b]) => (a < b ? -1 : 1)))];
    }),
  );
}

const { NoTruncation, InTypeAlias, UseAliasDefinedOutsideCurrentScope } = ts.TypeFormatFlags;
const format = NoTruncation | UseAliasDefinedOutsideCurrentScope;

function signatureOf(symbol: ts.Symbol, checker: ts.TypeChecker): Signature {
  const { Function, Class, Variable, Interface } = ts.SymbolFlags;
  if (symbol.flags & (Function | Variable)) {
    const type = checker.getTypeOfSymbol(symbol);
    const word = symbol.flags & Function ? 'function' : 'const';
    // Codes and their explanations have a list of their own. Symbols have numbers that depend on who else declares some.
    const names = type.getProperties().flatMap(({ name }) => (name.startsWith('__@') ? [] : [name]));
    if (names.length > 20) return `${word} ${names.join(', ')}`;
    return `${word} ${textOf(type, checker)}`;
  }
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  if (!(symbol.flags & (Interface | Class))) return `type ${textOf(type, checker, format | InTypeAlias)}`;
  return Object.fromEntries(type.getProperties().map((member) => memberOf(member, checker)));
}

function memberOf(member: ts.Symbol, checker: ts.TypeChecker): [string, string] {
  const optional = member.flags & ts.SymbolFlags.Optional ? '?' : '';
  return [`${member.name}${optional}`, textOf(checker.getTypeOfSymbol(member), checker)];
}

/** The compiler lists the texts of a union in the order in which it first met each, wherever that was. */
function textOf(type: ts.Type, checker: ts.TypeChecker, flags = format): string {
  const union = /"[^"]*"(?: \| "[^"]*")+/g;
  return checker.typeToString(type, undefined, flags).replace(union, (texts) => texts.split(' | ').sort().join(' | '));
}
