import { InvalidCheckpointOptionError } from '../errors';

/** Names of variables, or variables' names by the keys under which the checkpoint has them, as TF1 Saver's `var_list`. */
export type VariableList = readonly string[] | Readonly<Record<string, string>>;

/** Each variable's key in the checkpoint and its name. */
export const pairsOf = (list: VariableList): [key: string, variable: string][] =>
  Array.isArray(list)
    ? list.map((name) => [name, name])
    : Object.entries(list as Record<string, string>);

/** @throws InvalidCheckpointOptionError when it is empty, or names a variable twice */
export const assertVariableList = (list: VariableList): void => {
  const variables = pairsOf(list).map(([, variable]) => variable);
  const twice = variables.find((variable, index) => variables.indexOf(variable) < index);
  if (variables.length === 0 || twice !== undefined) {
    const actual = twice === undefined ? 'none' : `${twice} twice`;
    throw new InvalidCheckpointOptionError(
      'varList',
      'each variable once',
      actual,
      'Leave it out for all.',
    );
  }
};

/**
 * The tensors that a list picks, under the checkpoint's keys.
 *
 * @throws InvalidCheckpointOptionError when it names one that is not there
 */
export const toCheckpoint = <T extends { readonly name: string }>(
  list: VariableList | undefined,
  tensors: readonly T[],
): readonly T[] => {
  if (list === undefined) return tensors;
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return pairsOf(list).map(([key, variable]) => {
    const tensor = byName.get(variable);
    if (tensor === undefined) {
      const actual = [...byName.keys()].join(', ');
      throw new InvalidCheckpointOptionError(
        'varList',
        `a variable "${variable}"`,
        actual,
        'Correct the name.',
      );
    }
    return { ...tensor, name: key };
  });
};
