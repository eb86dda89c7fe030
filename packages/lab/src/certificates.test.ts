import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTROLLER_DNS_NAME, tlsFiles, writeCertificates } from "./certificates";
import { planLab } from "./plan";
import { testTopology } from "./testing/topology";

const plan = planLab("test", testTopology("r h@r", "r-h:1"));
let directory: string;
let read: (party: string) => X509Certificate;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sextant-tls-"));
  await writeCertificates(plan, directory);
  read = (party) => new X509Certificate(readFileSync(tlsFiles(directory, party).certFile));
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ["controller", "O=sextant:controllers\nCN=controller"],
  ["operator", "O=sextant:operators\nCN=operator"],
  ["h", "O=sextant:agents\nCN=h"],
])("%s is %j, signed by the lab's authority", (party, subject) => {
  const authority = new X509Certificate(readFileSync(tlsFiles(directory, party).caFile));
  const certificate = read(party);
  expect(certificate.subject).toBe(subject);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(authority.ca).toBe(true);
});

test("the controller is known by name and by address", () => {
  const certificate = read("controller");
  expect(certificate.checkHost(CONTROLLER_DNS_NAME)).toBe(CONTROLLER_DNS_NAME);
  expect(certificate.checkIP(plan.management.controller)).toBe(plan.management.controller);
});

test("keys are their owner's alone", () => {
  expect(statSync(tlsFiles(directory, "h").keyFile).mode & 0o777).toBe(0o600);
});
