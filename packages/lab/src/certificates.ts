import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { AGENT_ORGANISATION, OPERATOR_ORGANISATION } from "@sextant/model";
import type { LabPlan } from "./plan";

x509.cryptoProvider.set(webcrypto);

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** A lab does not last longer. */
const VALID_DAYS = 365;
const DAY_MS = 86_400_000;

/** Name that the controller's certificate carries besides its address. */
export const CONTROLLER_DNS_NAME = "controller.lab.sextant";

/** PEM files of one party. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** The files of a party: `controller`, `operator`, or a host by its name. */
export function tlsFiles(directory: string, party: string): TlsFiles {
  const stem = party === "controller" || party === "operator" ? party : `agent-${party}`;
  return {
    certFile: join(directory, `${stem}.crt`),
    keyFile: join(directory, `${stem}.key`),
    caFile: join(directory, "ca.crt"),
  };
}

interface Party {
  readonly name: string;
  readonly commonName: string;
  readonly organisation: string;
  readonly usage: x509.ExtendedKeyUsage;
  readonly alternativeNames: x509.JsonGeneralNames;
}

/**
 * Makes the lab's own certificate authority and what it signs: the controller's server certificate (management address, ::1 and
 * CONTROLLER_DNS_NAME), a client certificate per host (common name = host), and the operator's. Keys are readable by their owner
 * alone; the authority's key is not kept.
 */
export async function writeCertificates(plan: LabPlan, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const authorityKeys = await generateKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(1),
    name: subject(`lab ${plan.name}`, "sextant:lab"),
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey, false),
    ],
  });
  writeFileSync(join(directory, "ca.crt"), `${authority.toString("pem")}\n`, { mode: 0o600 });
  await Promise.all(
    partiesOf(plan).map(async (party, index) => {
      const keys = await generateKeys();
      const certificate = await sign(party, index + 2, keys, authority, authorityKeys);
      const files = tlsFiles(directory, party.name);
      writeFileSync(files.certFile, `${certificate.toString("pem")}\n`, { mode: 0o600 });
      writeFileSync(files.keyFile, await privateKeyPem(keys.privateKey), { mode: 0o600 });
    }),
  );
}

function partiesOf(plan: LabPlan): Party[] {
  const hosts = [...plan.nodes.values()].filter(({ node }) => node.kind === "host").map(({ node }) => node.name);
  const client = x509.ExtendedKeyUsage.clientAuth;
  const controllerNames: x509.JsonGeneralNames = [
    { type: "dns", value: CONTROLLER_DNS_NAME },
    { type: "dns", value: "localhost" },
    { type: "ip", value: plan.management.controller },
    { type: "ip", value: "::1" },
  ];
  return [
    {
      name: "controller",
      commonName: "controller",
      organisation: "sextant:controllers",
      usage: x509.ExtendedKeyUsage.serverAuth,
      alternativeNames: controllerNames,
    },
    {
      name: "operator",
      commonName: "operator",
      organisation: OPERATOR_ORGANISATION,
      usage: client,
      alternativeNames: [],
    },
    ...hosts.map((host) => ({
      name: host,
      commonName: host,
      organisation: AGENT_ORGANISATION,
      usage: client,
      alternativeNames: [],
    })),
  ];
}

async function sign(
  party: Party,
  serial: number,
  keys: webcrypto.CryptoKeyPair,
  authority: x509.X509Certificate,
  authorityKeys: webcrypto.CryptoKeyPair,
): Promise<x509.X509Certificate> {
  const names =
    party.alternativeNames.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(party.alternativeNames)];
  return x509.X509CertificateGenerator.create({
    ...validity(serial),
    subject: subject(party.commonName, party.organisation),
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([party.usage]),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey, false),
      ...names,
    ],
  });
}

function subject(commonName: string, organisation: string): x509.JsonName {
  return [{ O: [organisation] }, { CN: [commonName] }];
}

function validity(serial: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    serialNumber: serial.toString(16).padStart(2, "0"),
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + VALID_DAYS * DAY_MS),
  };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(bytes, x509.PemConverter.PrivateKeyTag)}\n`;
}
