export const tryPhoto = {
  title: 'Try a photo',
};
