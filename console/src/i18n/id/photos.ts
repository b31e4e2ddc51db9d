import type { photos as english } from '../en/photos';
import type { Words } from '../words';

export const photos: Words<typeof english> = {
  title: 'Foto',
  tags: 'Tag',
  all: 'Semua foto',
  moreTags: (n) => `${n} tag lagi`,
  fewerTags: 'Lebih sedikit tag',
  ofPerson: 'Foto yang memuat',
  tag: 'Foto dengan tag',
  clear: 'Tampilkan semua foto',
  seePerson: 'Ke halaman orang ini',
  noFaces: 'Tanpa orang',
  faces: (n) => `${n} wajah`,
  undescribed: 'Belum dideskripsikan',
  empty: {
    title: 'Belum ada foto',
    why: 'Foto muncul di sini begitu diproses oleh backend.',
    try: 'Coba satu foto tanpa menyimpannya',
    filtered: 'Tidak ada foto',
    filteredWhy: 'Tidak ada foto tersimpan yang cocok.',
  },
};
