import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-MJIIHXSF.mjs";import"./chunk-YTACTWFR.mjs";import"./chunk-ZQ5GSQMP.mjs";import"./chunk-MIMTRUGI.mjs";import"./chunk-I7KW5UFB.mjs";export{a as loadManifests};
