import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeBatch, type BatchRef } from 'loadline/activities';

interface Feature {
  readonly id: string;
  readonly properties: {
    readonly mag: number;
    readonly place: string;
    readonly time: number;
    readonly updated: number;
  };
  readonly geometry: { readonly coordinates: readonly [number, number, number] };
}

/** Reads the feed of the US Geological Survey. An API would be read the same way, page by page. */
export async function readEarthquakes(): Promise<BatchRef> {
  return writeBatch(earthquakes(), { name: 'earthquakes' });
}

async function* earthquakes() {
  const feed = await readFile(join(dirname(require.resolve('vega-datasets')), '../data/earthquakes.json'), 'utf8');
  for (const { id, properties, geometry } of (JSON.parse(feed) as { features: Feature[] }).features) {
    const { mag, place, time, updated, ...details } = properties;
    const [longitude, latitude, depth] = geometry.coordinates;
    yield {
      id,
      time: new Date(time),
      updated: new Date(updated),
      magnitude: mag,
      place,
      longitude,
      latitude,
      depth_km: depth,
      details,
    };
  }
}
