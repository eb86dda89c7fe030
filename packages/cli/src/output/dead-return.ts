/** "way back 1 dead", for a path that is alive all the same; undefined when none is. 1 is the first way back, 2 the alternate. */
export function deadReturnText(deadReturns: number | undefined): string | undefined {
  return deadReturns === undefined || deadReturns === 0 ? undefined : `way back ${deadReturns} dead`;
}
