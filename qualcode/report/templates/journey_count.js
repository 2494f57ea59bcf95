// Counting: any part of the study, from the tally in the page, by the rules of the commands that
// made it (qualcode/analysis). Nothing here touches the document.

const UNCOUNTED = -1;

// The part of the study that a filter leaves. `values` maps an attribute's index to a value's.
function groupOf(facts, values, checked) {
  const wanted = Object.entries(values);
  return {
    values,
    checked,
    isAll: wanted.length === 0 && !checked,
    has(person) {
      if (person === UNCOUNTED) return wanted.length === 0;
      return wanted.every(([at, value]) => facts.attributes[at].of[person] === value);
    },
    label:
      wanted.map(([at, value]) => facts.attributes[at].values[value]).join(", ") || "Everyone",
  };
}

// Sums of a flat list of (person, count, checked count).
function said(flat, group) {
  const sum = { people: 0, n: 0, unassigned: 0, checked: 0 };
  for (let i = 0; flat && i < flat.length; i += 3) {
    const n = group.checked ? flat[i + 2] : flat[i + 1];
    if (!n || !group.has(flat[i])) continue;
    sum.n += n;
    sum.checked += flat[i + 2];
    if (flat[i] === UNCOUNTED) sum.unassigned += n;
    else sum.people += 1;
  }
  return sum;
}

// Sums differ in their last digits with the order of adding; no threshold may hang on those.
const steady = (value) => Math.round(value * 1e9) / 1e9;

// Each person's mean of a flat list of (person, total, count, checked total, checked count).
function means(flat, group) {
  const found = [];
  for (let i = 0; flat && i < flat.length; i += 5) {
    const [total, n] = group.checked ? [flat[i + 3], flat[i + 4]] : [flat[i + 1], flat[i + 2]];
    if (n && group.has(flat[i])) found.push({ person: flat[i], mean: total / n });
  }
  return found;
}

const meanOf = (values) => steady(values.reduce((a, b) => a + b, 0) / values.length);

const Z = 1.959963984540054;

// Wilson score interval (JASA 22, 1927), as qualcode/analysis/intervals.py.
function wilson(count, total) {
  const share = count / total;
  const middle = share + (Z * Z) / (2 * total);
  const half = Z * Math.sqrt((share * (1 - share)) / total + (Z * Z) / (4 * total * total));
  const scale = 1 + (Z * Z) / total;
  return {
    low: count === 0 ? 0 : (middle - half) / scale,
    high: count === total ? 1 : (middle + half) / scale,
  };
}

// Difference of two independent shares with its interval: method 10 of R. G. Newcombe,
// Statistics in Medicine 17 (1998), 873-890, from the Wilson bounds of either.
function difference(a, b) {
  const [p, q] = [a.count / a.total, b.count / b.total];
  if (a.low === null || b.low === null) return { by: p - q, low: null, high: null };
  return {
    by: p - q,
    low: p - q - Math.hypot(p - a.low, b.high - q),
    high: p - q + Math.hypot(a.high - p, q - b.low),
  };
}

// Whether nobody is in both groups; the interval of a difference holds for such only.
const areApart = (facts, a, b) =>
  facts.people.every((_, person) => !(a.has(person) && b.has(person)));

function shareOf(count, total, facts) {
  const band = total >= facts.minPeople ? wilson(count, total) : { low: null, high: null };
  return { count, total, ...band };
}

const MOST_RESAMPLED = 400;
const RESAMPLES = 2000;

// Percentile bootstrap of a mean with the draws of qualcode/analysis/intervals.py (Mulberry32).
function bootstrapMean(values, seed) {
  const n = values.length;
  if (values.every((value) => value === values[0])) return { low: values[0], high: values[0] };
  const mean = meanOf(values);
  if (n > MOST_RESAMPLED) {
    const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
    const half = (Z * Math.sqrt(squares / (n - 1))) / Math.sqrt(n);
    return { low: mean - half, high: mean + half };
  }
  let state = seed >>> 0;
  const drawn = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const resampled = new Float64Array(RESAMPLES);
  for (let i = 0; i < RESAMPLES; i += 1) {
    let total = 0;
    for (let j = 0; j < n; j += 1) total += values[Math.floor((drawn() * n) / 4294967296)];
    resampled[i] = total / n;
  }
  resampled.sort();
  return { low: quantile(resampled, 0.025), high: quantile(resampled, 0.975) };
}

function quantile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

function feelingOf(facts, stage, group) {
  const byPerson = means(facts.feelings[stage], group);
  if (!byPerson.length) return { mean: null, low: null, high: null, byPerson };
  const values = byPerson.map((entry) => entry.mean);
  const mean = meanOf(values);
  if (values.length < facts.minPeople) return { mean, low: null, high: null, byPerson };
  return { mean, ...bootstrapMean(values, facts.seed), byPerson };
}

// The findings of a cell, in the order of people, then quotes, then the codebook.
function findingsOf(facts, lane, stage, groups) {
  const place = facts.order;
  const prefix = `${lane}/${stage}/`;
  const totals = groups.map((group) => said(facts.stages[stage], group).people);
  const found = [];
  for (const key of facts.cells[`${lane}/${stage}`] || []) {
    const counts = groups.map((group) => said(facts.findings[key], group));
    if (!counts.some((count) => count.n)) continue;
    const code = key.slice(prefix.length);
    const shares = counts.map((count, i) => shareOf(count.people, totals[i], facts));
    found.push({ key, code, shares, counts });
  }
  const people = (item) => item.shares.reduce((sum, share) => sum + share.count, 0);
  const quotes = (item) => item.counts.reduce((sum, count) => sum + count.n, 0);
  const order = (item) => (Object.hasOwn(place, item.code) ? place[item.code] : Infinity);
  return found.sort(
    (a, b) =>
      people(b) - people(a) ||
      quotes(b) - quotes(a) ||
      (order(a) === order(b) ? (a.code < b.code ? -1 : 1) : order(a) - order(b)),
  );
}

// Candidate moments of truth of every stage, by the rule of qualcode/analysis/moments.py.
function momentsOf(facts, stages, group) {
  const found = [];
  stages.forEach((stage, at) => {
    const total = said(facts.stages[stage], group).people;
    const here = [];
    for (const key of facts.cells[`touchpoint/${stage}`] || []) {
      const code = key.slice(`touchpoint/${stage}/`.length);
      const felt = means(facts.touched[`${stage}/${code}`], group);
      if (felt.length < facts.moments.minPeople) continue;
      const valence = meanOf(felt.map((entry) => entry.mean));
      if (Math.abs(valence) < facts.moments.minStrength) continue;
      const count = said(facts.findings[key], group).people;
      const weight = (count / total) * Math.abs(valence);
      here.push({ stage, code, at, weight, valence, share: shareOf(count, total, facts) });
    }
    here.sort((a, b) => b.weight - a.weight || facts.order[a.code] - facts.order[b.code]);
    found.push(...here.slice(0, facts.moments.aStage));
  });
  found.sort((a, b) => b.weight - a.weight || a.at - b.at || facts.order[a.code] - facts.order[b.code]);
  return found.slice(0, facts.moments.most);
}
