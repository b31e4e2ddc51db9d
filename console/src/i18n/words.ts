/** The shape of a language: the keys of the English words, with any strings, and functions of the same arguments. */
export type Words<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...given: infer Given) => string
      ? (...given: Given) => string
      : Words<T[K]>;
};
