import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-X5DIHKLY.mjs";import{g as a}from"./chunk-4JJP374O.mjs";import{E as r}from"./chunk-JVCGP5HT.mjs";var m=r(a,e,"Marker","NextMarker","");export{m as a};
