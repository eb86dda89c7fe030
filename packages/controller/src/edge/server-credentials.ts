import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { SextantError } from "@sextant/model";

/** PEM files of a mutual TLS listener. */
export interface CredentialFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/**
 * Credentials that demand a client certificate of the given authority. Throws SextantError `invalid_argument` naming the file
 * that cannot be used, before anything listens.
 */
export async function serverCredentials(files: CredentialFiles, nowMs: number): Promise<ServerCredentials> {
  const [cert, key, ca] = await Promise.all([
    readPem("--tls-cert", files.cert),
    readPem("--tls-key", files.key),
    readPem("--tls-ca", files.ca),
  ]);
  requireCertificate("--tls-cert", files.cert, cert, nowMs);
  requireCertificate("--tls-ca", files.ca, ca, nowMs);
  try {
    createSecureContext({ cert, key, ca });
  } catch (error) {
    const message = `--tls-key ${files.key} is no key of --tls-cert ${files.cert}: ${(error as Error).message}`;
    throw new SextantError("invalid_argument", message, { cause: error });
  }
  return ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], true);
}

async function readPem(flag: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new SextantError("invalid_argument", `${flag} ${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function requireCertificate(flag: string, path: string, pem: Buffer, nowMs: number): void {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new SextantError("invalid_argument", `${flag} ${path} holds no PEM certificate`, { cause: error });
  }
  if (Date.parse(certificate.validTo) >= nowMs) return;
  throw new SextantError("invalid_argument", `${flag} ${path} expired on ${certificate.validTo}: renew it`);
}
