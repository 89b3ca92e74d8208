import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-LTTAXHP6.mjs";import{g as a}from"./chunk-FJNOO53V.mjs";import{E as r}from"./chunk-UF5LOPUP.mjs";var m=r(a,e,"Marker","NextMarker","");export{m as a};
