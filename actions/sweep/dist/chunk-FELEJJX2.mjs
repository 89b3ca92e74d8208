import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-NUOSVIKN.mjs";import{g as a}from"./chunk-VAQAOTEQ.mjs";import{E as r}from"./chunk-4FZLBT3R.mjs";var m=r(a,e,"Marker","NextMarker","");export{m as a};
