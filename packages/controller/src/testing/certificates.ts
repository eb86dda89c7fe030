import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";

/** PEM files of one certificate. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority in a directory, made with the openssl command. */
export class CertificateAuthority {
  readonly cert: string;
  readonly #key: string;

  constructor(
    private readonly dir: string,
    private readonly name = "ca",
  ) {
    this.cert = join(dir, `${name}.crt`);
    this.#key = join(dir, `${name}.key`);
    const subject = ["-subj", `/CN=${name}`];
    this.#openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      ...CURVE,
      "-nodes",
      "-days",
      "2",
      ...subject,
      "-keyout",
      this.#key,
      "-out",
      this.cert,
    );
  }

  /** A certificate for that common name and organisation, good for 127.0.0.1; `days` may be negative. */
  issue(commonName: string, organisation: string, days = 1): CertificateFiles {
    const base = join(this.dir, `${this.name}-${commonName}-${organisation.replaceAll(":", "-")}${days}`);
    const [cert, key, csr, extensions] = [`${base}.crt`, `${base}.key`, `${base}.csr`, `${base}.ext`];
    const subject = `/O=${organisation}/CN=${commonName}`;
    writeFileSync(extensions, `subjectAltName=DNS:${commonName},IP:127.0.0.1\n`);
    this.#openssl("req", "-newkey", "ec", ...CURVE, "-nodes", "-subj", subject, "-keyout", key, "-out", csr);
    const signing = ["-CA", this.cert, "-CAkey", this.#key, "-CAcreateserial", "-days", String(days)];
    this.#openssl("x509", "-req", "-in", csr, ...signing, "-extfile", extensions, "-out", cert);
    return { cert, key };
  }

  /** Credentials of a client that trusts this authority and shows a certificate, or none. */
  client(own?: CertificateFiles): ChannelCredentials {
    const ca = readFileSync(this.cert);
    return own === undefined
      ? credentials.createSsl(ca)
      : credentials.createSsl(ca, readFileSync(own.key), readFileSync(own.cert));
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { stdio: "pipe" });
  }
}

const CURVE = ["-pkeyopt", "ec_paramgen_curve:prime256v1"];
