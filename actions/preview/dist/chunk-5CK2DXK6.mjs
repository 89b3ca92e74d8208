import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-XZ347D4P.mjs";import{g as a}from"./chunk-D7USC3PC.mjs";import{E as r}from"./chunk-ZVORPXYV.mjs";var m=r(a,e,"Marker","NextMarker","");export{m as a};
