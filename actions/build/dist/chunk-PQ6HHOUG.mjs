import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var e=["arm64","x86_64"],s=["standard","shoestring"];var o=(t,r)=>`${t}/${r}`;var i=(t,r,n)=>`/${t}/${r}/services/${n}`;var a="bootstrap";export{e as a,s as b,o as c,i as d,a as e};
