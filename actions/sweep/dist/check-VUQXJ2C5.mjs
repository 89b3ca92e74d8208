import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as a,c as b,d as c,e as d,f as e}from"./chunk-L6MTTB26.mjs";import"./chunk-VINZ65RX.mjs";import"./chunk-ADOZ2G3D.mjs";import"./chunk-I7KW5UFB.mjs";export{e as acceptanceKey,a as askOld,c as checkPredictions,d as comparePredictions,b as recordedAnswers};
