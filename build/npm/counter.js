"use strict";

// Gives a function that counts the bytes of the files in the rows that came and tells
// progress: those that data are when nothing is compressed.
function counter(progress) {
  if (!progress) return () => {};
  let done = 0, total = 0, chunkSize = 0, sizes = new Map();
  return (seq, name, offset, data, json) => {
    if (json !== null && Number(seq) === 0) {
      try {
        const metadata = JSON.parse(json);
        sizes = new Map(metadata.files.map((file) => [file.file_name, Number(file.file_size)]));
        [total, chunkSize] = [Number(metadata.total_size), Number(metadata.chunk_size)];
      } catch { // damage, of which verify and restore tell
      }
    }
    if (!data?.length) return;
    const left = sizes.get(name) - Number(offset); // not a number before the metadata row
    done += Math.max(data.length, Math.min(chunkSize, left) || 0);
    progress(done, total);
  };
}

module.exports = { counter };
