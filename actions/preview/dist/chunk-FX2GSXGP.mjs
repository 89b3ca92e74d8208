import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-4KMVEF77.mjs";import{g as a}from"./chunk-GB2GC6EH.mjs";import{E as r}from"./chunk-JVCGP5HT.mjs";var m=r(a,e,"Marker","NextMarker","");export{m as a};
