/** One place where a service runs. */
export interface ServiceInstance {
  readonly name: string;
  /** Router or host that it runs behind; paths are led through routers only. */
  readonly node: string;
}

/** A network function that paths may be led through. */
export interface Service {
  readonly name: string;
  readonly type: string;
  readonly instances: readonly (ServiceInstance & {
    /** `down` takes it out of every computation. */
    readonly state: "up" | "down";
  })[];
}
