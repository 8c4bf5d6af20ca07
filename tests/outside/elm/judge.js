// Runs an ELM library with cql-execution, for one person after another.
//
//   node judge.js LIBRARY.json PEOPLE.ndjson          one line a person: a letter a statement
//   node judge.js LIBRARY.json PEOPLE.ndjson ROUNDS   microseconds a person, one line a round
//
// A person is one line of JSON: the values of the parameters. The first line of the answers holds the
// names of the statements. Letters: T true, F false, U null; `?` is anything else and never right.
"use strict";

const { readFileSync } = require("node:fs");
const cql = require("cql-execution");

const LETTERS = new Map([[true, "T"], [false, "F"], [null, "U"]]);
const NOBODY = { currentPatient: () => undefined, nextPatient: () => undefined };

async function main(libraryFile, peopleFile, rounds) {
  const library = new cql.Library(JSON.parse(readFileSync(libraryFile, "utf8")));
  const people = readFileSync(peopleFile, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const executor = new cql.Executor(library);
  const now = cql.DateTime.fromJSDate(new Date(0), 0);
  const results = async (person) =>
    (await executor.withParameters(person).exec(NOBODY, now)).unfilteredResults;
  await (rounds ? time(results, people, Number(rounds)) : answer(results, people, library));
}

async function answer(results, people, library) {
  const names = Object.keys(library.expressions);
  const lines = [JSON.stringify(names)];
  for (const person of people) {
    const found = await results(person);
    lines.push(names.map((name) => LETTERS.get(found[name]) ?? "?").join(""));
  }
  process.stdout.write(lines.join("\n") + "\n");
}

async function time(results, people, rounds) {
  for (const person of people) await results(person);
  for (let round = 0; round < rounds; round += 1) {
    const start = process.hrtime.bigint();
    for (const person of people) await results(person);
    const spent = Number(process.hrtime.bigint() - start) / 1000;
    process.stdout.write(`${spent / people.length}\n`);
  }
}

main(...process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
