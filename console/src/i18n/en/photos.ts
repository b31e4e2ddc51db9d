export const photos = {
  title: 'Photos',
};
