export const pairs = {
  title: 'Same person?',
};
