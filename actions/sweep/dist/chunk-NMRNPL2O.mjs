import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-YOJO2W25.mjs";import{g as a}from"./chunk-VWSTX2EA.mjs";import{E as r}from"./chunk-4ZPUWY6K.mjs";var m=r(a,e,"Marker","NextMarker","");export{m as a};
