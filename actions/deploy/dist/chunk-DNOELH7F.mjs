import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{c as o,e as t,g as p,m as e,n as r,o as s}from"./chunk-6SK77QH4.mjs";var i=class extends e(r,s,"DescribeServices",o){};var c=class extends e(r,s,"DescribeTasks",t){};var f=class extends e(r,s,"ListTasks",p){};export{i as a,c as b,f as c};
