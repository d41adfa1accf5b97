import { UsageError } from '../usage-error';
import type { Command } from 'commander';

/**
 * Refuses arguments and options that say nothing: they are what a variable that is not set leaves, and not what it would be to
 * leave them out. What may be empty is named as commander names it, such as `nullText`.
 */
export function refuseEmpty(command: Command, ...mayBeEmpty: readonly string[]): void {
  command.hook('preAction', (_, action) => {
    const options = action.options.filter((option) => !mayBeEmpty.includes(option.attributeName()));
    const option = options.find((one) => isEmpty(action.opts()[one.attributeName()]));
    const argument = action.registeredArguments.find((_argument, index) => isEmpty(action.processedArgs[index]));
    const name = option?.long ?? (argument && `<${argument.name()}>`);
    if (name !== undefined) throw new UsageError(`${name} is empty.`, 'Leave it out, or say something.');
  });
}

const isEmpty = (value: unknown): boolean => (Array.isArray(value) ? value : [value]).includes('');
