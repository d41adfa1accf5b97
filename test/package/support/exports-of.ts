import { join } from 'node:path';
import ts from 'typescript';

export const subpaths = ['.', './workflows', './activities', './workers', './client', './testing'] as const;

/** What the type declarations of an installed package export: by subpath the names, each with what it is. */
export function exportsOf(
  packageFolder: string,
  exported: Record<string, { types: string }>,
): Record<string, Record<string, string>> {
  const files = subpaths.map((subpath) => join(packageFolder, exported[subpath]!.types));
  const program = ts.createProgram(files, {
    strict: true,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    skipLibCheck: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  return Object.fromEntries(
    subpaths.map((subpath, i) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(files[i]!)!)!;
      const kinds = checker.getExportsOfModule(module).map((symbol) => [symbol.name, kindOf(symbol, checker)] as const);
      return [subpath, Object.fromEntries(kinds.sort(([a], [b]) => (a < b ? -1 : 1)))];
    }),
  );
}

function kindOf(exported: ts.Symbol, checker: ts.TypeChecker): string {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  if (symbol.flags & ts.SymbolFlags.Function) return 'function';
  if (symbol.flags & ts.SymbolFlags.Class) return 'class';
  if (symbol.flags & ts.SymbolFlags.Variable) return 'const';
  return symbol.flags & ts.SymbolFlags.Interface ? 'interface' : 'type';
}
