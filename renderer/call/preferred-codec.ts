/**
 * Puts one video codec first in every video section of a session description: the sender takes the first payload type
 * of the format list (RFC 8829 section 5.3.1). A codec that is not offered changes nothing.
 */
export function preferVideoCodec(sdp: string, codec: string): string {
  const lines = sdp.split('\r\n');
  const wanted = codec.toLowerCase();
  let sectionStart = -1;
  for (let index = 0; index <= lines.length; index += 1) {
    const line = lines[index];
    if (line === undefined || line.startsWith('m=')) {
      if (sectionStart >= 0) reorder(lines, sectionStart, index, wanted);
      sectionStart = line?.startsWith('m=video ') === true ? index : -1;
    }
  }
  return lines.join('\r\n');
}

function reorder(lines: string[], start: number, end: number, wanted: string): void {
  const preferred = new Set<string>();
  for (const line of lines.slice(start, end)) {
    const match = /^a=rtpmap:(\d+) ([^/]+)\//.exec(line);
    if (match?.[1] !== undefined && match[2]?.toLowerCase() === wanted) preferred.add(match[1]);
  }
  const [media = '', port = '', protocol = '', ...formats] = (lines[start] ?? '').split(' ');
  const first = formats.filter((format) => preferred.has(format));
  const rest = formats.filter((format) => !preferred.has(format));
  lines[start] = [media, port, protocol, ...first, ...rest].join(' ');
}
