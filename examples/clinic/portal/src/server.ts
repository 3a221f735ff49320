import express from "express";

import { messages } from "./routes/messages";
import { practice } from "./routes/practice";

const app = express();
app.use(express.json());
app.use("/messages", messages);
app.use("/practice", practice);

app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
