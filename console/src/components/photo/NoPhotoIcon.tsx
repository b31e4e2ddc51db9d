/** Stands where a photo cannot be shown. */
export function NoPhotoIcon() {
  return (
    <svg class="no-photo" viewBox="0 0 48 36" width="48" height="36" aria-hidden="true" focusable="false">
      <rect x="1" y="1" width="46" height="34" rx="5" />
      <circle cx="14" cy="12" r="4" />
      <path d="M3 31l13-11 8 7 9-10 12 13" />
    </svg>
  );
}
