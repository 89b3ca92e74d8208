import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var n=["arm64","x86_64"],o=["standard","shoestring"];var s=(t,r)=>`${t}/${r}`;var i=(t,r,e)=>`/${t}/${r}/services/${e}`;var a="bootstrap";export{n as a,o as b,s as c,i as d,a as e};
