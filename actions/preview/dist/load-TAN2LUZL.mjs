import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-MRD4TPFH.mjs";import"./chunk-YTACTWFR.mjs";import"./chunk-ZQ5GSQMP.mjs";import"./chunk-EO5G3M52.mjs";import"./chunk-6AZ6IEGJ.mjs";import"./chunk-U6RUTVFS.mjs";import"./chunk-I7KW5UFB.mjs";export{a as loadManifests};
