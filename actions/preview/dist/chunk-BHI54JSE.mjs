import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{f as m,k as o,q as s,r,s as e}from"./chunk-RMLYZBZQ.mjs";var t=class extends s(r,e,"DescribeTasks",m){};var p=class extends s(r,e,"ListTasks",o){};export{t as a,p as b};
