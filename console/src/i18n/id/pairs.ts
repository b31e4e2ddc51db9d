import type { pairs as english } from '../en/pairs';
import type { Words } from '../words';

export const pairs: Words<typeof english> = {
  title: 'Orang yang sama?',
  why: 'Jawab dengan satu tombol. ID yang dipertahankan adalah milik yang wajahnya lebih banyak; semua jawaban bisa diurungkan.',
  which: { label: 'Pasangan yang ditampilkan', open: 'Perlu dijawab', unsure: 'Termasuk “belum yakin”' },
  same: 'Orang yang sama',
  different: 'Berbeda',
  unsure: 'Tidak yakin',
  undo: 'Urungkan yang terakhir',
  similarity: 'Kemiripan',
  proposed: 'Akan digabungkan saat konsolidasi',
  answered: (n) => `${n} terjawab`,
  done: {
    same: 'Digabungkan.',
    different: 'Tersimpan: dua orang yang berbeda.',
    unsure: 'Tersimpan: belum yakin.',
    undone: 'Jawaban terakhir diurungkan.',
  },
  markedUnsure: 'Pernah dijawab tidak yakin',
  stays: 'ID dipertahankan',
  empty: { title: 'Semua pasangan sudah dijawab', why: 'Pasangan baru muncul seiring foto diproses.' },
  look: 'Cari lagi',
  keys: { same: 'Orang yang sama', different: 'Orang yang berbeda', unsure: 'Tidak yakin', undo: 'Urungkan jawaban terakhir' },
};
