import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{e as r,h as e,i as o,j as m}from"./chunk-GB2GC6EH.mjs";var p=class extends e(o,m,"DescribeTargetGroups",r){};export{p as a};
