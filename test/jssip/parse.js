// Times JsSIP's parser on one message: prints the nanoseconds of one parse, the median of nine runs.
const fs = require('fs');
const Parser = require('jssip/lib/Parser');

const data = fs.readFileSync(process.argv[2], 'utf8');
const ua = { configuration: {}, transport: null };
const runs = [];
for (let r = 0; r < 10; r++) {
  const n = 400;
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) {
    if (!Parser.parseMessage(data, ua)) throw new Error('not parsed');
  }
  if (r > 0) runs.push(Number(process.hrtime.bigint() - start) / n); // the first run warms up
}
console.log(Math.round(runs.sort((a, b) => a - b)[4]));
