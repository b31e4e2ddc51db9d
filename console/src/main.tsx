import { render } from 'preact';
import { start } from './api/client';
import { App } from './App';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';

const root = document.getElementById('console');
if (root) render(<App starting={start()} />, root);
